'use strict';
// What the program uses of undici, without its fetch, WebSocket, caches and mocks: a third less code to load at start.
// The build puts this in undici's place. A test holds it to what src imports.
module.exports.Pool = require('undici/lib/dispatcher/pool.js');
module.exports.EnvHttpProxyAgent = require('undici/lib/dispatcher/env-http-proxy-agent.js');
module.exports.errors = require('undici/lib/core/errors.js');
// undici's own index does this for all of its methods; an HTTP proxy is reached through `connect`.
require('undici/lib/dispatcher/dispatcher.js').prototype.connect = require('undici/lib/api/api-connect.js');
