import { precisely } from '../cli/output/times.js';
import type { Terminal } from '../cli/terminal.js';
import { version } from '../base/package-version.js';

const COMMAND = './bin/slipway.js';

/** Says on the terminal how far the start has come, and what to do next. */
export class Reporter {
  readonly #terminal: Terminal;
  readonly #startedAtMs = performance.now();

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
    this.#say(`Slipway ${version()}`);
  }

  databaseReady(isEmbedded: boolean): void {
    this.#done(isEmbedded ? 'PostgreSQL (embedded) is ready' : 'the database of DATABASE_URL is ready');
  }

  portMoved(wanted: number, port: number): void {
    this.#say(`  ! port ${wanted} is busy, using ${port}`);
  }

  serverReady(url: string): void {
    this.#done(`the server is ready at ${url}`);
  }

  /** Only sandboxes keep builds from what their user can reach. */
  workerStarted(buildLimit: number, driver: string): void {
    const builds = `${buildLimit} ${buildLimit === 1 ? 'build' : 'builds'} at once`;
    const sandboxed = driver === 'sandbox' ? ', each step in a sandbox' : '';
    this.#done(`a local worker is started, for ${builds}${sandboxed}`);
    if (sandboxed) return;
    const { bold, yellow } = this.#terminal.outColours;
    this.#say(
      `  ! ${bold(yellow('builds run without a sandbox'))} as your own user: build only what you trust`,
    );
  }

  sampleStarted(name: string): void {
    this.#done(`the sample repo ${name} is added, its first build is on its way`);
  }

  firstGreen(name: string): void {
    this.#done(`${name} is green: the first job, ${this.#elapsed()} after the start`);
  }

  firstNotGreen(name: string, state: string): void {
    this.#say(`  ✗ ${name} is ${state}`);
  }

  nextSteps(hasSample: boolean): void {
    const lines = [
      ['build list', 'what was built'],
      ...(hasSample ? [['log view sample/hello#1', 'what it said']] : []),
      ['build create sample/hello --watch', 'build the sample again'],
      ['repo add acme/site --url ../site', 'make a repo of yours known'],
      ['--help', 'everything else'],
    ];
    this.#say('\nNext, in another terminal in this directory:');
    for (const [command = '', what = ''] of lines)
      this.#say(`  ${`${COMMAND} ${command}`.padEnd(54)} ${what}`);
    this.#say('\nCtrl-C stops everything; `npm start` goes on where it was, `npm run reset` deletes it.\n');
  }

  stopping(): void {
    this.#say('\nStopping …');
  }

  stopped(): void {
    this.#say('Stopped.');
  }

  #done(words: string): void {
    this.#say(`  ${this.#terminal.outColours.green('✓')} ${words} (${this.#elapsed()})`);
  }

  #elapsed(): string {
    return precisely(performance.now() - this.#startedAtMs);
  }

  #say(line: string): void {
    this.#terminal.out(`${line}\n`);
  }
}
