import { AwsV4Signer } from "aws4fetch";

export interface S3Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
  readonly region: string;
}

/** An address to GET, with its signature in the query (AWS Signature Version 4), which is good for a day. */
export async function presign(url: string, credentials: S3Credentials): Promise<string> {
  const signer = new AwsV4Signer({ url, ...credentials, service: "s3", signQuery: true });
  const signed = await signer.sign();
  return signed.url.href;
}
