import { expect, test } from 'vitest';

import { ProxyRules } from './proxy-rules.ts';

const HTTP = 'http://proxy.example:3128';
const wayTo = (origin: string, env: Record<string, string>): string => {
  const target = new ProxyRules(env).targetFor(origin);
  if (target.tunnel !== undefined) return `tunnel ${target.tunnel.proxy.host}:${target.tunnel.proxy.port}`;
  return target.way.targetPrefix === '' ? 'straight' : `asks ${target.place.host}:${target.place.port}`;
};

test.each([
  ['http://a.example', {}, 'straight'],
  ['https://a.example', {}, 'straight'],
  ['http://a.example', { HTTP_PROXY: HTTP }, 'asks proxy.example:3128'],
  ['http://a.example', { HTTPS_PROXY: HTTP }, 'straight'],
  ['https://a.example', { HTTPS_PROXY: HTTP }, 'tunnel proxy.example:3128'],
  ['https://a.example', { HTTP_PROXY: HTTP }, 'tunnel proxy.example:3128'],
  ['https://a.example', { HTTP_PROXY: 'http://x', HTTPS_PROXY: 'https://y' }, 'tunnel y:443'],
  ['http://a.example', { HTTP_PROXY: HTTP, http_proxy: 'lower:1' }, 'asks lower:1'],
  ['http://a.example', { HTTP_PROXY: HTTP, NO_PROXY: '*' }, 'straight'],
  ['http://a.example', { HTTP_PROXY: HTTP, NO_PROXY: 'x.example, A.example' }, 'straight'],
  ['http://b.a.example', { HTTP_PROXY: HTTP, NO_PROXY: 'a.example' }, 'straight'],
  ['http://b.a.example', { HTTP_PROXY: HTTP, NO_PROXY: '.a.example' }, 'straight'],
  ['http://a.example', { HTTP_PROXY: HTTP, NO_PROXY: '.a.example' }, 'straight'],
  ['http://a.example', { HTTP_PROXY: HTTP, NO_PROXY: '*.a.example' }, 'asks proxy.example:3128'],
  ['http://b.a.example', { HTTP_PROXY: HTTP, NO_PROXY: '*.a.example' }, 'straight'],
  ['http://ba.example', { HTTP_PROXY: HTTP, NO_PROXY: 'a.example' }, 'asks proxy.example:3128'],
  ['http://a.example.', { HTTP_PROXY: HTTP, NO_PROXY: 'a.example' }, 'straight'],
  ['http://a.example', { HTTP_PROXY: HTTP, NO_PROXY: 'a.example:80' }, 'straight'],
  ['http://a.example:81', { HTTP_PROXY: HTTP, NO_PROXY: 'a.example:80' }, 'asks proxy.example:3128'],
  ['http://a.example:81', { HTTP_PROXY: HTTP, NO_PROXY: '*:80' }, 'asks proxy.example:3128'],
  ['https://a.example', { HTTPS_PROXY: HTTP, NO_PROXY: '*:443' }, 'straight'],
  ['http://[::1]:8000', { HTTP_PROXY: HTTP, NO_PROXY: '::1' }, 'straight'],
  ['http://[::1]:8000', { HTTP_PROXY: HTTP, NO_PROXY: '[::1]:8000' }, 'straight'],
  ['http://[::1]:8000', { HTTP_PROXY: HTTP, NO_PROXY: '[::1]:9000' }, 'asks proxy.example:3128'],
])('%s with %j: %s', (origin, env, expected) => {
  expect(wayTo(origin, env)).toBe(expected);
});

test('a tunnel is asked for with the credentials of the proxy, and the origin does not see them', () => {
  const target = new ProxyRules({ HTTPS_PROXY: 'http://us%40er:pa%3Ass@proxy.example' }).targetFor(
    'https://[2001:db8::1]',
  );
  expect(target.tunnel?.head).toBe(
    `CONNECT [2001:db8::1]:443 HTTP/1.1\r\nhost: [2001:db8::1]:443\r\nproxy-authorization: Basic ${Buffer.from('us@er:pa:ss').toString('base64')}\r\n\r\n`,
  );
  expect(target.way).toEqual({ host: '[2001:db8::1]', targetPrefix: '', extraLines: '' });
  expect(target.place).toEqual({ host: '2001:db8::1', port: 443, secure: true });
});
