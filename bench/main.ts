// `npm run bench`; docs/bench.md says what each number means.
import { writeFile } from 'node:fs/promises';
import { readUpConfig } from '../src/config/index.js';
import { runBench } from './bench.js';
import { readOptions, USAGE } from './options.js';
import { reportOf } from './report.js';

const options = readOptions(process.argv.slice(2));
if (options === 'help') {
  process.stdout.write(USAGE);
} else {
  const numbers = await runBench(options, {
    serverUrl: readUpConfig({}).databaseUrl,
    say: (text) => process.stderr.write(`${text}\n`),
  });
  process.stdout.write(`${reportOf(numbers)}\n`);
  if (options.jsonFile !== undefined) {
    await writeFile(options.jsonFile, `${JSON.stringify(numbers, null, 2)}\n`);
  }
}
