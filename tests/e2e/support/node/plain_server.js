// SPDX-License-Identifier: Apache-2.0
'use strict';
// A web server that knows nothing of websockets.

const server = require('http').createServer((request, response) => response.end('no websocket'));
server.listen(0, '127.0.0.1', () => console.log('listening', server.address().port));
