/** `safe` survives a power cut; `fast` does not and is for tests. Both commit synchronously and survive kill -9. */
export type Durability = 'safe' | 'fast';

/** The server's settings as `-c name=value` arguments; for a machine with two cores and little memory. */
export function serverArguments(options: { port: number; durability: Durability }): string[] {
  const settings = { ...COMMON, ...(options.durability === 'fast' ? FAST : {}), port: String(options.port) };
  return Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
}

const COMMON = {
  listen_addresses: '127.0.0.1',
  // No socket file: nothing stale can stay behind, and paths have no length limit.
  unix_socket_directories: '',
  max_connections: '200',
  shared_buffers: '128MB',
  max_wal_size: '1GB',
  synchronous_commit: 'on',
  // Compiling costs more than our short statements take.
  jit: 'off',
  timezone: 'UTC',
  log_timezone: 'UTC',
  lc_messages: 'C',
  // Errors belong to the client that caused them. Their statements and details hold values, so they are not logged.
  log_min_messages: 'log',
  log_min_error_statement: 'panic',
  log_error_verbosity: 'terse',
  log_checkpoints: 'off',
};

const FAST = { fsync: 'off', full_page_writes: 'off' };
