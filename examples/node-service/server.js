import { createServer } from "node:http";
import { load, MobileNetsError } from "mobilenets";

const MAX_BYTES = 20e6;
const port = Number(process.env.PORT ?? 3000);
const model = await load(undefined, { warmUp: true });

/** Undefined for more bytes than allowed. The sender's content-length is not trusted. */
async function read(request) {
  const chunks = [];
  let size = 0;
  for await (const chunk of request) {
    size += chunk.length;
    if (size > MAX_BYTES) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

async function answer(request) {
  if (request.method !== "POST") return [200, { usage: "POST a picture" }];
  const bytes = await read(request);
  if (!bytes) return [413, { error: `more than ${MAX_BYTES} bytes` }];
  return [200, await model.classify(bytes, { topK: 3 })];
}

const server = createServer(async (request, response) => {
  const [status, body] = await answer(request).catch((error) => {
    // A picture that cannot be read is the sender's mistake.
    if (MobileNetsError.is(error)) return [400, { error: error.message }];
    console.error(error);
    return [500, { error: "internal error" }];
  });
  response.writeHead(status, { "content-type": "application/json" });
  response.end(`${JSON.stringify(body)}\n`);
});

server.listen(port, () => console.log(`http://localhost:${port}`));
