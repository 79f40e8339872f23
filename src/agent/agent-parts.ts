import type { AgentOptions } from './agent-options.js';
import type { BuildSite } from './builds/build-site.js';
import type { Uplink } from './session/uplink.js';
import type { Supervisor } from './executor/supervisor.js';
import type { IdentityStore } from './state/identity-store.js';
import type { Registration } from './state/registration.js';

/** What an agent is made of. */
export interface AgentParts {
  readonly options: AgentOptions;
  readonly site: BuildSite;
  readonly store: IdentityStore;
  /** As it was at the start; its epoch and key set go on in the store. */
  readonly registration: Registration;
  readonly uplink: Uplink;
  readonly supervisor: Supervisor;
  /** Nothing of an older agent runs on the machine any more. */
  readonly clean: boolean;
}
