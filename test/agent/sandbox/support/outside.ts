import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { randomInt } from 'node:crypto';
import { promisify } from 'node:util';

const run = promisify(execFile);
const SERVER = `require('node:net').createServer((socket) => socket.end('the outside'))
  .listen(7, '0.0.0.0', () => console.log('listening'))`;

/** A network namespace that is another machine to this one: it has an address of its own and a server on port 7. */
export class Outside {
  readonly address: string;
  readonly #name: string;
  readonly #server: ChildProcess;

  private constructor(name: string, address: string, server: ChildProcess) {
    this.#name = name;
    this.address = address;
    this.#server = server;
  }

  static async create(): Promise<Outside> {
    const number = randomInt(1, 60);
    const name = `swo-${randomInt(1e6)}`;
    // 203.0.113.0/24 is for documentation: no network has it. Each run takes four addresses of it.
    const [here, there] = [`203.0.113.${number * 4 + 1}`, `203.0.113.${number * 4 + 2}`];
    await run('ip', ['netns', 'add', name]);
    await run('ip', ['link', 'add', name, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', name]);
    await run('ip', ['addr', 'add', `${here}/30`, 'dev', name]);
    await run('ip', ['link', 'set', name, 'up']);
    await run('ip', ['-n', name, 'addr', 'add', `${there}/30`, 'dev', 'eth0']);
    await run('ip', ['-n', name, 'link', 'set', 'eth0', 'up']);
    const server = spawn('ip', ['netns', 'exec', name, process.execPath, '-e', SERVER], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(server.stdout, 'data');
    return new Outside(name, there, server);
  }

  async remove(): Promise<void> {
    this.#server.kill('SIGKILL');
    await run('ip', ['link', 'del', this.#name]);
    await run('ip', ['netns', 'del', this.#name]);
  }
}
