import type { FastifyRequest } from "fastify";
import type { Preprocessing } from "mobilenets";
import type { Admission } from "./admission.ts";
import type { Batcher } from "./batcher.ts";
import { picturesOf, type Sent } from "./body.ts";
import type { Decoder } from "./decoder.ts";
import { errorBody, toHttpError } from "./http-error.ts";
import type { ModelValue } from "./model-messages.ts";

type PictureInput = Awaited<ReturnType<Decoder["decode"]>>["picture"];

export interface Parts {
  readonly admission: Admission;
  readonly decoder: Decoder;
  /** See `Limits`. */
  readonly reduceTo?: Preprocessing;
  readonly batcher: Batcher<PictureInput, ModelValue>;
}

/**
 * Answers a request with pictures. One picture gives its result. Several give `{"results": [...]}` in their order, each
 * with its result or its error.
 * @param toResult makes the result from the model's value
 */
export async function answer(
  request: FastifyRequest,
  { admission, decoder, reduceTo, batcher }: Parts,
  toResult: (value: ModelValue) => object | Promise<object>,
): Promise<object> {
  const { pictures, several } = await picturesOf(request);
  admission.take(pictures.length);
  try {
    const one = async (sent: Sent): Promise<object> => {
      const { picture, share } = await decoder.decode(sent, reduceTo);
      try {
        return await toResult(await batcher.add(picture, () => !request.raw.socket.destroyed));
      } finally {
        share.close();
      }
    };
    if (!several) return await one(pictures[0]);
    const results = pictures.map(async (sent) => {
      try {
        return { name: sent.name, ...(await one(sent)) };
      } catch (error) {
        const failed = toHttpError(error);
        if (failed.status >= 500) request.log.error(error);
        return { name: sent.name, error: errorBody(failed) };
      }
    });
    return { results: await Promise.all(results) };
  } finally {
    admission.give(pictures.length);
  }
}
