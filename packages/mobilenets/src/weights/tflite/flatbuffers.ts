import { peerError, present } from "../../platform/peer.ts";

/** Loads the npm package `flatbuffers`. @throws WeightsError if it is not installed */
export async function loadFlatbuffers(purpose: string) {
  try {
    return present(await import("flatbuffers"), "ByteBuffer");
  } catch (cause) {
    throw peerError("flatbuffers", purpose, cause);
  }
}
