import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';

export interface GatewayQuestion {
  readonly method: 'GET' | 'POST';
  readonly url: string;
  readonly key: string;
  readonly body?: object;
}

export interface GatewayReply {
  readonly status: number;
  readonly text: string;
}

/** Milliseconds without a sign of the gateway. */
const PATIENCE_MS = 30_000;

/** Asks a running gateway something. Rejects with the system's error where it cannot be reached. Follows no redirects. */
export function askGateway({ method, url, key, body }: GatewayQuestion): Promise<GatewayReply> {
  const request = url.startsWith('https:') ? requestHttps : requestHttp;
  const payload = body === undefined ? undefined : JSON.stringify(body);
  const headers = {
    authorization: `Bearer ${key}`,
    ...(payload === undefined
      ? {}
      : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(payload) }),
  };
  return new Promise((resolve, reject) => {
    const asked = request(url, { method, headers, timeout: PATIENCE_MS }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString() }));
    });
    asked.on('timeout', () => asked.destroy(new Error(`no answer within ${PATIENCE_MS / 1000} s`)));
    asked.on('error', reject);
    asked.end(payload);
  });
}
