/** JSON schemas of requests and answers for the OpenAPI document; see https://spec.openapis.org/oas/v3.0.3. */
export const errorSchema = {
  type: "object",
  required: ["error"],
  properties: {
    error: {
      type: "object",
      required: ["code", "message"],
      properties: { code: { type: "string" }, message: { type: "string" } },
    },
  },
} as const;

/** Meanings of error statuses. */
export const statuses: Readonly<Record<string, string>> = {
  400: "The body cannot be read, or holds no picture",
  401: "No token, or an unknown one",
  413: "The body is too large",
  415: "The type of the body is not supported",
  422: "The picture cannot be decoded, or exceeds a limit",
  429: "Too many requests",
  503: "The queue is full, or the server is not ready; the header Retry-After says when to try again",
};

const picture = {
  type: "object",
  properties: {
    base64: { type: "string", description: "The file, in base64" },
    url: { type: "string", description: "URL of the file, if the server allows URLs" },
  },
};

/** The body of the three routes with pictures. */
export const requestBody = {
  required: true,
  content: {
    "multipart/form-data": {
      schema: {
        type: "object",
        properties: { image: { type: "array", items: { type: "string", format: "binary" } } },
      },
    },
    "image/*": { schema: { type: "string", format: "binary" } },
    "application/json": {
      schema: {
        type: "object",
        properties: { ...picture.properties, images: { type: "array", items: picture } },
      },
    },
  },
};
