import type { Client } from '../client/client.js';
import { saveDownload } from '../client/save-download.js';

/** Which log is saved, and where. */
export interface SaveLogRequest {
  readonly build: string;
  readonly step: number;
  readonly file: string;
}

/** A log in a file. */
export interface SavedLog {
  /** OPEN: the build still runs, and this is its log so far. */
  readonly state: string | undefined;
}

/**
 * Saves the log of a step, which is in its place only when it is whole. Throws a CliError when the bytes are not those
 * that the server has counted.
 */
export async function saveLog(client: Client, { build, step, file }: SaveLogRequest): Promise<SavedLog> {
  const said = await saveDownload(client, {
    path: `/logs/${build}/${step}`,
    file,
    sha256Header: 'slipway-log-sha256',
  });
  return { state: said('slipway-log-state') };
}
