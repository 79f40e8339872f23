import type { Client } from '../client/client.js';
import { printable } from '../output/printable.js';
import { LogReader, type LogSource } from './read-log.js';

/** The last lines of a log, printable; earlier ones are read and dropped. */
export async function lastLines(client: Client, source: LogSource, count: number): Promise<string[]> {
  let kept = '';
  for await (const { text } of new LogReader(client, source).newSlices()) {
    kept = tailOf(kept + text, count);
  }
  return kept.replace(/\n$/, '').split('\n').slice(-count).map(withoutColours).map(printable);
}

/** Enough of a text to hold its last `count` lines, so that a log of any length fits in memory. */
function tailOf(text: string, count: number): string {
  const lines = text.split('\n');
  return lines.length <= count + 1 ? text : lines.slice(-count - 1).join('\n');
}

/** Colours of a program that believed in a terminal are meant well, but their end may have been cut off. */
function withoutColours(line: string): string {
  return line
    .replace(/\u001B\[[0-9;]*m/g, '')
    .replaceAll('\t', '    ')
    .replace(/\r$/, '');
}
