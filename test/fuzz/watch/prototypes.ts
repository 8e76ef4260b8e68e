/** Objects that all objects of a kind share. */
const shared: Readonly<Record<string, object>> = {
  "Object.prototype": Object.prototype,
  "Array.prototype": Array.prototype,
  "Function.prototype": Function.prototype,
  "String.prototype": String.prototype,
  "Number.prototype": Number.prototype,
  "Map.prototype": Map.prototype,
  "Promise.prototype": Promise.prototype,
  "Float32Array.prototype": Float32Array.prototype,
  "TypedArray.prototype": Object.getPrototypeOf(Float32Array.prototype),
  Object,
  Array,
  globalThis,
};

type Snapshot = ReadonlyMap<string, ReadonlyMap<PropertyKey, unknown>>;

/** All properties of the shared objects, with their values; getters count as values. */
export function snapshot(): Snapshot {
  return new Map(
    Object.entries(shared).map(([name, object]) => [
      name,
      new Map(
        Reflect.ownKeys(object).map((key) => {
          const { value, get } = Object.getOwnPropertyDescriptor(object, key) ?? {};
          return [key, get ?? value];
        }),
      ),
    ]),
  );
}

/** Returns and undoes the changes since a snapshot. */
export function changesSince(before: Snapshot): string[] {
  const found: string[] = [];
  for (const [name, object] of Object.entries(shared)) {
    const known = before.get(name) as ReadonlyMap<PropertyKey, unknown>;
    const keys = Reflect.ownKeys(object);
    for (const key of keys) {
      const { value, get } = Object.getOwnPropertyDescriptor(object, key) ?? {};
      if (known.has(key) && Object.is(known.get(key), get ?? value)) continue;
      // Hosts create some globals lazily.
      if (object === globalThis && known.has(key)) continue;
      found.push(`${name}.${String(key)} is ${known.has(key) ? "another" : "new"}`);
      if (!known.has(key)) Reflect.deleteProperty(object, key);
    }
    if (keys.length < known.size) found.push(`${name} has lost a property`);
  }
  return found;
}
