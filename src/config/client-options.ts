import { serverUrl } from './address-kinds.js';
import { text } from './kinds.js';
import { type ConfigOf, optional } from './option.js';
import { userToken } from './secret-kinds.js';

/** What the client commands can be told about the server that they talk to. */
export const clientOptions = {
  serverUrl: optional(serverUrl(), {
    env: 'SLIPWAY_SERVER',
    flag: 'server',
    doc: 'The server to talk to; by default the all-in-one server of this directory or one above it.',
  }),
  token: optional(userToken(), {
    env: 'SLIPWAY_TOKEN',
    doc: 'Your user token; by default the all-in-one server’s administrator token.',
  }),
  tokenFile: optional(text('a file'), {
    env: 'SLIPWAY_TOKEN_FILE',
    flag: 'token-file',
    doc: 'File that holds the user token.',
  }),
};

/** Settings of a client command. */
export type ClientConfig = ConfigOf<typeof clientOptions>;
