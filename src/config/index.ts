export type { Flags } from './compile-server-config.js';
export type { OptionTable } from './option.js';
export {
  bareEnvironment,
  environmentWith,
  readClientConfig,
  readMigrateConfig,
  readServerConfig,
  readTerminalTraits,
  readUpConfig,
  readVariable,
  readWorkerConfig,
} from './read-config.js';
export { type ServerConfig, serverOptions } from './server-options.js';
export { type UpConfig, upOptions } from './up-options.js';
export { workerOptions } from './worker-options.js';
