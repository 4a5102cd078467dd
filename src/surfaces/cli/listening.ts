import { CliFailure, EXIT } from './io.ts';

/** The address that somebody asked to listen on. */
export interface AskedAddress {
  readonly host: string;
  readonly port: number;
}

/** What a failure to listen means, in plain words; undefined where the error is about something else. */
export function addressFailure(error: unknown, { host, port }: AskedAddress): CliFailure | undefined {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  const status = EXIT.failed;
  switch (code) {
    case 'EADDRINUSE':
      return new CliFailure(`Port ${port} on ${host} is in use by another program.`, {
        status,
        hint: 'Stop that program, or choose another port with --port.',
      });
    case 'EACCES':
      return new CliFailure(`Port ${port} on ${host} needs rights that this user does not have.`, {
        status,
        hint: 'Choose a port from 1024 on with --port.',
      });
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return new CliFailure(`This machine has no address ${host}.`, {
        status,
        hint: 'Choose one of its own with --host: 127.0.0.1 for this machine only, 0.0.0.0 for all of its addresses.',
      });
    default:
      return undefined;
  }
}

/** `http://127.0.0.1:4000`. */
export function shownUrl(host: string, port: number): string {
  const bracketed = host.includes(':') && !host.startsWith('[') ? `[${host}]` : host;
  return `http://${bracketed}:${port}`;
}
