import { peerError } from "../../platform/peer.ts";

/** The npm package `flatbuffers`. @throws WeightsError if it is not installed */
export async function loadFlatbuffers(purpose: string) {
  try {
    return await import("flatbuffers");
  } catch (cause) {
    throw peerError("flatbuffers", purpose, cause);
  }
}
