// SPDX-License-Identifier: Apache-2.0
'use strict';
// A page with 30 subresources, a form and a websocket, for a browser. When all three are done the page posts what it
// saw, and `report JSON` is said.

const http = require('http');
const { WebSocketServer } = require('ws');

const KINDS = ['css', 'js', 'svg'];
const names = Array.from({ length: 30 }, (_, i) => `/part${i}.${KINDS[i % KINDS.length]}`);

const tag = {
  css: name => `<link rel="stylesheet" href="${name}">`,
  js: name => `<script src="${name}"></script>`,
  svg: name => `<img src="${name}">`,
};
const content = {
  css: i => ['text/css', `#box { --part${i}: here; } /*${'x'.repeat(i * 1000)}*/`],
  js: i => ['text/javascript', `loaded.push(${i}); //${'x'.repeat(i * 1000)}`],
  svg: i => ['image/svg+xml', `<svg xmlns="http://www.w3.org/2000/svg" width="${i + 1}" height="1"/>`],
};

const kindOf = name => name.split('.')[1];
const PAGE = `<!DOCTYPE html><meta charset="utf-8"><script>const loaded = [];</script>
${names.map(name => tag[kindOf(name)](name)).join('\n')}
<div id="box"></div>
<form method="post" enctype="multipart/form-data" action="/upload" target="answer">
  <input name="text" value="&auml; text"><input name="file" type="file">
</form>
<iframe name="answer"></iframe>
<script>
  function parts() {
    const style = getComputedStyle(document.getElementById('box'));
    const styled = [...Array(30).keys()].filter(i => style.getPropertyValue('--part' + i).trim() === 'here').length;
    const images = [...document.images].filter(image => image.complete && image.naturalWidth > 0).length;
    return { scripts: loaded.length, styled, images };
  }
  function upload() {
    const file = new DataTransfer();
    file.items.add(new File([new Uint8Array(300000).fill(7)], 'seven.bin'));
    document.querySelector('[type=file]').files = file.files;
    const frame = document.querySelector('iframe');
    return new Promise(done => {
      frame.onload = () => frame.contentDocument.body.textContent && done(frame.contentDocument.body.textContent);
      document.forms[0].submit();
    });
  }
  function websocket() {
    const socket = new WebSocket('ws://' + location.host + '/chat');
    return new Promise(done => {
      socket.onopen = () => socket.send('from the page');
      socket.onmessage = message => socket.close(4000, message.data);
      socket.onclose = end => done(end.code + ' ' + end.reason);
      socket.onerror = () => done('error');
    });
  }
  onload = async () => {
    const report = { parts: parts(), upload: await upload(), websocket: await websocket() };
    await fetch('/report', { method: 'POST', body: JSON.stringify(report) });
  };
</script>`;

function body(request, then) {
  const pieces = [];
  request.on('data', piece => pieces.push(piece));
  request.on('end', () => then(Buffer.concat(pieces)));
}

const asked = {
  '/': (_, response) => response.setHeader('Content-Type', 'text/html').end(PAGE),
  '/upload': (request, response) => body(request, got => {
    const sevens = got.reduce((count, byte) => count + (byte === 7), 0);
    response.end(`${request.method} ${sevens} ${got.includes('\u00e4 text')}`);
  }),
  '/report': (request, response) => body(request, got => {
    response.end();
    console.log(`report ${got}`);
  }),
};

function part(request, response) {
  const [type, text] = content[kindOf(request.url)](names.indexOf(request.url));
  response.setHeader('Content-Type', type).end(text);
}

const server = http.createServer((request, response) => {
  if (asked[request.url]) asked[request.url](request, response);
  else if (names.includes(request.url)) part(request, response);
  else response.writeHead(404).end();
});
new WebSocketServer({ server, path: '/chat' }).on('connection', socket =>
  socket.on('message', data => socket.send(`heard ${data}`)));
server.listen(0, '127.0.0.1', () => console.log('listening', server.address().port));
