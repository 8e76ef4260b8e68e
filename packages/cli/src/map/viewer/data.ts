/** What a page of a map holds for its script, as JSON; arrays of numbers are base64 of their bytes, little-endian. */
export interface MapJson {
  /** By place in the order: those that are seen from afar first. */
  readonly names: readonly string[];
  /** Before a relative name, it leads from the page to the picture. */
  readonly base: string;
  /** Addresses of the atlases. */
  readonly atlases: readonly string[];
  /** Side of a small picture's cell in its atlas, in pixels, and cells along a side. */
  readonly cell: number;
  readonly perSide: number;
  /** Cells along a side of the map at level 0, and how many pictures are seen at each level and below. */
  readonly grid: number;
  readonly ends: readonly number[];
  /** Uint16 x and y in turn, 0 to 65,535. */
  readonly places: string;
  /** Uint8 width and height of the small pictures in turn. */
  readonly sizes: string;
  /** Uint8 red, green, blue. */
  readonly colours: string;
  /** So many neighbours each: Uint32 places in the order, and Int16 cosines of 32,767. */
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

/** What the page holds, in its script's form. */
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
