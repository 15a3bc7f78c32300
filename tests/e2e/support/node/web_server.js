// SPDX-License-Identifier: Apache-2.0
'use strict';
// A web server that tells what it was asked:
//   /echo      the request's body, as it comes, in chunks
//   /told      as JSON: the target, the body's length and hash, and the fields
//   /gzip      a compressed body
//   /trailers  a body with a trailer
// A request that expects 100-continue for /refused gets 417. CONNECT leads to this server itself.

const crypto = require('crypto');
const http = require('http');
const net = require('net');
const zlib = require('zlib');

function tell(request, response) {
  const hash = crypto.createHash('sha256');
  let length = 0;
  request.on('data', data => {
    hash.update(data);
    length += data.length;
  });
  request.on('end', () => {
    response.setHeader('Content-Type', 'application/json');
    response.end(JSON.stringify(
      { target: request.url, version: request.httpVersion, length, hash: hash.digest('hex'), fields: request.headers }));
  });
}

const pages = {
  '/echo': (request, response) => request.pipe(response),
  '/gzip': (_, response) => {
    response.setHeader('Content-Encoding', 'gzip');
    response.end(zlib.gzipSync('compressed '.repeat(10000)));
  },
  '/trailers': (_, response) => {
    response.setHeader('Trailer', 'X-Sum');
    response.write('a body ');
    response.addTrailers({ 'X-Sum': '42' });
    response.end('and its sum');
  },
};

const serve = (request, response) => (pages[request.url.split('?')[0]] ?? tell)(request, response);
const server = http.createServer(serve);
server.on('checkContinue', (request, response) => {
  if (request.url === '/refused') {
    response.writeHead(417, { 'Content-Length': 0 });
    response.end();
    return;
  }
  response.writeContinue();
  serve(request, response);
});
server.on('connect', (_, client, head) => {
  const self = net.connect(server.address().port, '127.0.0.1', () => {
    client.write('HTTP/1.1 200 Connection established\r\n\r\n');
    self.write(head);
    self.pipe(client).pipe(self);
  });
  for (const one of [client, self]) one.on('error', () => self.destroy() && client.destroy());
});
server.listen(0, '127.0.0.1', () => console.log('listening', server.address().port));
