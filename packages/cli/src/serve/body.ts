import type { FastifyRequest } from "fastify";
import { HttpError } from "./http-error.ts";

/** A picture of a request: its bytes, or its URL. */
export interface Sent {
  readonly name: string;
  readonly bytes?: Uint8Array;
  readonly url?: string;
}

/** The pictures of a request. With `several`, the answer is a list, even for one picture. */
export interface SentPictures {
  readonly pictures: readonly Sent[];
  readonly several: boolean;
}

/**
 * Reads the pictures of a request, in any of the three forms.
 * @throws HttpError 400 for a body without pictures, 415 for an unsupported type
 */
export async function picturesOf(request: FastifyRequest): Promise<SentPictures> {
  if (request.isMultipart()) return several(await ofParts(request).catch(cutShort));
  const { body } = request;
  if (Buffer.isBuffer(body)) {
    if (body.length === 0) throw new HttpError(400, "no_picture", "the body is empty: expected a picture");
    return { pictures: [{ name: "image", bytes: body }], several: false };
  }
  if (typeof body === "object" && body !== null) return ofJson(body);
  if (body !== undefined && isJson(request)) return { pictures: [ofObject(body, "image")], several: false };
  const expected = "expected image/*, application/json or multipart/form-data";
  throw new HttpError(415, "unsupported_type", `no body, or one of an unknown type: ${expected}`);
}

const several = (pictures: readonly Sent[]): SentPictures => ({ pictures, several: pictures.length > 1 });

/** Adds a status to the parser's errors for malformed forms, which have none. */
function cutShort(error: unknown): never {
  if (error instanceof HttpError || (error as { statusCode?: number }).statusCode !== undefined) throw error;
  throw new HttpError(400, "bad_request", "the form cannot be read: is it whole, with the boundary of its header?");
}

async function ofParts(request: FastifyRequest): Promise<Sent[]> {
  const pictures: Sent[] = [];
  for await (const part of request.parts()) {
    if (part.type !== "file" || part.fieldname !== "image") {
      const message = `field ${JSON.stringify(part.fieldname.slice(0, 60))}, expected a file in the field "image"`;
      throw new HttpError(400, "bad_field", message);
    }
    pictures.push({ name: part.filename || `image ${pictures.length + 1}`, bytes: await part.toBuffer() });
  }
  if (pictures.length === 0) {
    throw new HttpError(400, "no_picture", 'no picture in the form: expected a file in the field "image"');
  }
  return pictures;
}

function isJson({ headers }: FastifyRequest): boolean {
  return headers["content-type"]?.includes("json") ?? false;
}

function ofJson(body: object): SentPictures {
  const { images } = body as { images?: unknown };
  if (images === undefined) return { pictures: [ofObject(body, "image")], several: false };
  if (!Array.isArray(images) || images.length === 0) {
    throw new HttpError(400, "bad_json", "images: expected a list of objects with base64 or url");
  }
  return { pictures: images.map((image, i) => ofObject(image, `images[${i}]`)), several: true };
}

function ofObject(value: unknown, name: string): Sent {
  const { base64, url } = (typeof value === "object" && value !== null ? value : {}) as Record<string, unknown>;
  if (typeof url === "string" && base64 === undefined) return { name, url };
  if (typeof base64 !== "string" || url !== undefined) {
    throw new HttpError(400, "bad_json", `${name}: expected either base64 or url, a string`);
  }
  const text = base64.replace(/^data:[^,]{0,100};base64,/, "");
  if (text === "" || !/^[A-Za-z0-9+/_-]+={0,2}$/.test(text)) {
    throw new HttpError(400, "bad_json", `${name}: base64 holds other characters, or nothing`);
  }
  return { name, bytes: Buffer.from(text, "base64") };
}
