import { type AgentOptions, runAgent } from '../../../src/agent/index.js';
import { createLogger } from '../../../src/base/logger.js';

// An agent as a process of its own; its options are the first argument, as JSON.
const options = JSON.parse(process.argv[2] ?? '') as AgentOptions;
await runAgent(options, {
  signal: new AbortController().signal,
  logger: createLogger({ name: 'agent', level: 'info' }),
});
