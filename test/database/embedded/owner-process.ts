import { silentLogger } from '../../../src/base/logger.js';
import { EmbeddedPostgres } from '../../../src/database/embedded/embedded-postgres.js';

// A process that owns an embedded server, for tests that kill it. Argument: the data directory.
const postgres = await EmbeddedPostgres.open({
  dataDir: process.argv[2] ?? '',
  logger: silentLogger,
  durability: 'fast',
});
process.once('SIGTERM', () => void postgres.stop().then(() => process.stdout.write('stopped\n')));
// The line says that signals are awaited, too.
process.stdout.write(`open ${postgres.url}\n`);
