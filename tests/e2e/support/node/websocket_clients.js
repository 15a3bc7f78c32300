// SPDX-License-Identifier: Apache-2.0
'use strict';
// Clients of websocket_server.js at the address that is the argument. Lines of the standard input say what they do, all
// of them at the same time, and a line of the output says when all are done:
//   open COUNT         `opened COUNT`: each was welcomed
//   talk SIZE...       `talked N`: each sent a message of every size and got it back, in order; pings in both directions
//   push COUNT SIZE    `pushed N`: each got so many messages from the server
//   close CODE REASON  begins to close them
//   ask CODE REASON    asks the server to close them
// `ended {"CODE REASON": COUNT}` comes when none is open any more, a line `fault ...` whenever something is wrong.

const WebSocket = require('ws');

const url = process.argv[2].includes('://') ? process.argv[2] : `ws://${process.argv[2]}`;
let clients = [];
let ended = {};

class Client {
  constructor(url) {
    this.waiting = [];
    this.heard = [];
    this.socket = new WebSocket(url);
    this.socket.on('message', (data, binary) => this.hear(binary ? data : data.toString()));
    this.socket.on('pong', data => this.hear(`client pong ${data}`));
    this.socket.on('error', error => console.log('fault', error.message));
    this.socket.on('close', (code, reason) => this.end(`${code} ${reason}`.trim()));
  }

  hear(message) {
    const next = this.waiting.shift();
    if (next) next(message);
    else this.heard.push(message);
  }

  next() {
    return this.heard.length ? Promise.resolve(this.heard.shift()) : new Promise(found => this.waiting.push(found));
  }

  async expect(message) {
    const got = await this.next();
    const same = Buffer.isBuffer(message) ? Buffer.isBuffer(got) && message.equals(got) : message === got;
    if (!same) console.log('fault: expected', message, 'and got', got);
  }

  async talk(sizes) {
    const messages = sizes.map((size, i) => (i % 2 ? 'x'.repeat(size) : Buffer.alloc(size, i + 1)));
    for (const message of messages) this.socket.send(message);
    for (const message of messages) await this.expect(message);
    this.socket.ping('from a client');
    await this.expect('client pong from a client');
    this.socket.send('ping');
    await this.expect('pong from the server');
  }

  async push(count, size) {
    this.socket.send(`push ${count} ${size}`);
    for (let i = 0; i < count; ++i) await this.expect(Buffer.alloc(size, i));
  }

  end(how) {
    ended[how] = (ended[how] ?? 0) + 1;
    clients = clients.filter(client => client !== this);
    if (clients.length) return;
    console.log('ended', JSON.stringify(ended));
    ended = {};
  }
}

const everybody = (word, what) => Promise.all(clients.map(what)).then(all => console.log(word, all.length));

const commands = {
  open: count => {
    clients = Array.from({ length: Number(count) }, () => new Client(`${url}/chat`));
    return everybody('opened', client => client.expect('welcome'));
  },
  talk: (...sizes) => everybody('talked', client => client.talk(sizes.map(Number))),
  push: (count, size) => everybody('pushed', client => client.push(Number(count), Number(size))),
  close: (code, ...reason) => clients.forEach(client => client.socket.close(Number(code), reason.join(' '))),
  ask: (...how) => clients.forEach(client => client.socket.send(`close ${how.join(' ')}`)),
};

require('readline').createInterface({ input: process.stdin }).on('line', line => {
  const [word, ...rest] = line.split(' ');
  commands[word](...rest);
});
