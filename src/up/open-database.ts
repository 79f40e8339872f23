import { createLogger } from '../base/logger.js';
import type { LogLevel } from '../base/logger.js';
import type { Folder } from './folder.js';

/** A database with the current schema. */
export interface OpenDatabase {
  /** Holds a password. */
  readonly url: string;
  /** Ends the server, if it is ours. */
  stop(): Promise<void>;
}

/** Opens the given database, or the embedded one in the folder, and brings its schema up to date. */
export async function openDatabase(
  folder: Folder,
  options: { readonly url: string | undefined; readonly logLevel: LogLevel },
): Promise<OpenDatabase> {
  const database =
    options.url === undefined ? await openEmbedded(folder, options.logLevel) : given(options.url);
  try {
    const { migrate } = await import('../migrate.js');
    await migrate(database.url);
    return database;
  } catch (error) {
    await database.stop();
    throw error;
  }
}

function given(url: string): OpenDatabase {
  return { url, stop: () => Promise.resolve() };
}

async function openEmbedded(folder: Folder, logLevel: LogLevel): Promise<OpenDatabase> {
  const { EmbeddedPostgres } = await import('../database/embedded/embedded-postgres.js');
  const logger = createLogger({ name: 'database', level: logLevel });
  return EmbeddedPostgres.open({ dataDir: folder.postgres, logger, durability: 'safe' });
}
