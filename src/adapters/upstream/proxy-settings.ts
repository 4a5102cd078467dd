/** The proxies of the environment, in the spelling that is set (lower case wins, as in curl). */
export interface ProxySettings {
  readonly httpProxy?: string;
  readonly httpsProxy?: string;
  readonly noProxy: string;
}

/** Reads `HTTP_PROXY`, `HTTPS_PROXY` and `NO_PROXY` (either case). Undefined: no proxy is set. */
export function readProxySettings(env: Readonly<Record<string, string | undefined>>): ProxySettings | undefined {
  const httpProxy = setting(env, 'http_proxy');
  const httpsProxy = setting(env, 'https_proxy');
  if (httpProxy === undefined && httpsProxy === undefined) return undefined;
  return {
    ...(httpProxy === undefined ? {} : { httpProxy }),
    ...(httpsProxy === undefined ? {} : { httpsProxy }),
    noProxy: setting(env, 'no_proxy') ?? '',
  };
}

function setting(env: Readonly<Record<string, string | undefined>>, name: string): string | undefined {
  const value = env[name] || env[name.toUpperCase()];
  if (value === undefined || value === '') return undefined;
  // People write `proxy.example:3128` without a scheme; curl takes it for http.
  return name === 'no_proxy' || value.includes('://') ? value : `http://${value}`;
}
