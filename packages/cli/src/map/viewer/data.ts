/** Data of a map's page, as JSON, in the order of the levels. Arrays of numbers are base64 of little-endian bytes. */
export interface MapJson {
  /** Paths of the pictures. */
  readonly names: readonly string[];
  /** Relative URL from the page to the base folder of relative names. */
  readonly base: string;
  /** URLs of the atlases. */
  readonly atlases: readonly string[];
  /** Side of a small picture's cell in its atlas, in pixels, and cells along a side. */
  readonly cell: number;
  readonly perSide: number;
  /** Cells along a side of the map at level 0, and the number of pictures shown at each level. */
  readonly grid: number;
  readonly ends: readonly number[];
  /** Uint16 `[pictures, 2]`: x and y, 0 to 65,535. */
  readonly places: string;
  /** Uint8 `[pictures, 2]`: width and height of the small pictures. */
  readonly sizes: string;
  /** Uint8 `[pictures, 3]`: red, green, blue. */
  readonly colours: string;
  /** Number of neighbours per picture, their Uint32 indices, and their Int16 cosines times 32,767. */
  readonly each: number;
  readonly neighbours: string;
  readonly similarities: string;
}

export type MapData = Omit<MapJson, "places" | "sizes" | "colours" | "neighbours" | "similarities"> & {
  readonly count: number;
  readonly places: Uint16Array;
  readonly sizes: Uint8Array;
  readonly colours: Uint8Array;
  readonly neighbours: Uint32Array;
  readonly similarities: Int16Array;
};

/** Reads the page's data into typed arrays. */
export function readMapData(): MapData {
  const json = JSON.parse(document.getElementById("map-data")!.textContent!) as MapJson;
  const bytes = (text: string) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
  return {
    ...json,
    count: json.names.length,
    places: new Uint16Array(bytes(json.places).buffer),
    sizes: bytes(json.sizes),
    colours: bytes(json.colours),
    neighbours: new Uint32Array(bytes(json.neighbours).buffer),
    similarities: new Int16Array(bytes(json.similarities).buffer),
  };
}
