// SPDX-License-Identifier: Apache-2.0
'use strict';
// Echoes, and does what texts ask for: `ping`, `push COUNT SIZE`, `close CODE REASON`. With a path as its argument it
// takes connections for that path alone. Tells of every connection that has ended.

const { WebSocketServer } = require('ws');

const server = new WebSocketServer({ port: 0, host: '127.0.0.1', path: process.argv[2], backlog: 2048 });
server.on('listening', () => console.log('listening', server.address().port));
server.on('connection', (socket, request) => {
  const asked = {
    ping: () => socket.ping('from the server'),
    push: (count, size) => {
      for (let i = 0; i < Number(count); ++i) socket.send(Buffer.alloc(Number(size), i));
    },
    close: (code, ...reason) => socket.close(Number(code), reason.join(' ')),
  };
  socket.send('welcome');
  socket.on('message', (data, binary) => {
    const [word, ...rest] = binary ? [] : data.toString().split(' ');
    if (Object.hasOwn(asked, word)) asked[word](...rest);
    else socket.send(data, { binary });
  });
  socket.on('pong', data => socket.send(`pong ${data}`));
  socket.on('close', (code, reason) =>
    console.log(['ended', request.url, request.headers.origin ?? '-', code, reason].join(' ').trim()));
  socket.on('error', error => console.log('error', error.message));
});
