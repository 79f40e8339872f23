export type { AgentContext, AgentExit, AgentOptions, Mount } from './agent-options.js';
export { runAgent } from './run-agent.js';
