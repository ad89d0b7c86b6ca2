// The servers that the tests talk to: r1 itself, and one whose answers are written down.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import http from 'node:http';
import readline from 'node:readline';

/**
 * Starts `r1 serve`; `address` is where it listens, `lines()` what it said until now. Answers are
 * short, so that a slow machine ends them too.
 */
export async function startR1(program, options) {
  const always = ['serve', '--port', '0', '--quiet', '--max-tokens', '64'];
  const child = spawn(program, [...always, ...options], { stdio: ['ignore', 'pipe', 'inherit'] });
  const lines = [];
  const address = await new Promise((resolve, reject) => {
    readline.createInterface({ input: child.stdout }).on('line', (line) => {
      lines.push(line);
      const found = /^listening on (\S+)/.exec(line)?.[1];
      if (found) resolve(found);
    });
    child.on('exit', () => reject(new Error(`r1 serve ended: ${lines.join('\n')}`)));
  });
  const stop = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGTERM');
    await once(child, 'exit');
  };
  return { address, lines, stop };
}

const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** In pieces as tokens are. */
function pieces(text) {
  return text.match(/\s*\S{1,6}|\s+$/gu) ?? [];
}

async function answer(script, request, response) {
  const send = (delta, finish_reason = null) =>
    response.write(
      `data: ${JSON.stringify({ choices: [{ index: 0, delta, finish_reason }] })}\n\n`,
    );
  let gone = false;
  response.on('close', () => {
    gone = true;
  });
  const wait = script.wait ?? 2;
  let tokens = 0;
  const thinking = pieces(script.thinking ?? '').map((piece) => ({ reasoning_content: piece }));
  const text = pieces(script.text ?? '').map((piece) => ({ content: piece }));
  response.writeHead(200, { 'Content-Type': 'text/event-stream' });
  response.write(': still here\n\n');
  for (const delta of [...thinking, ...text]) {
    if (gone) return;
    if (script.breakAfter && tokens >= script.breakAfter) return response.destroy();
    send(delta);
    tokens += 1;
    await pause(wait);
  }
  send({}, script.end ?? 'stop');
  const usage = { completion_tokens: tokens };
  response.write(`data: ${JSON.stringify({ choices: [], usage })}\n\n`);
  response.end('data: [DONE]\n\n');
}

/**
 * A server with r1's own page, and its headers, whose answers come from `scripts`: question to
 * { thinking, text, wait, end, breakAfter } or { status, error }. `requests` holds what it was asked.
 */
export async function startScripted(r1, scripts) {
  const requests = [];
  const server = http.createServer(async (request, response) => {
    if (request.method === 'GET') {
      const { host } = new URL(r1.address);
      const headers = { ...request.headers, host };
      const passed = http.get(r1.address + request.url, { headers, agent: false }, (from) => {
        response.writeHead(from.statusCode, from.headers);
        from.pipe(response);
      });
      passed.on('error', () => response.destroy());
      return;
    }
    let body = '';
    for await (const chunk of request) body += chunk;
    const asked = JSON.parse(body);
    requests.push(asked);
    const question = asked.messages.filter(({ role }) => role === 'user').at(-1).content;
    const known = scripts[question];
    const script = (typeof known === 'function' ? known(asked) : known) ?? {
      text: `Heard: ${question}`,
    };
    if (script.status) {
      response.writeHead(script.status, { 'Content-Type': 'application/json', ...script.headers });
      response.end(JSON.stringify({ error: { message: script.error } }));
      return;
    }
    await answer(script, request, response);
  });
  const sockets = new Set();
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  let port = 0;
  const start = async () => {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    port = server.address().port;
  };
  const stop = async () => {
    if (!server.listening) return;
    server.close();
    for (const socket of sockets) socket.destroy();
    await once(server, 'close');
  };
  await start();
  return { address: `http://127.0.0.1:${port}`, requests, start, stop };
}
