import { envelopedTable } from '../tokens/index.js';
import { credentialOwner } from './repo-credentials.js';

/** The envelopes of credentials, for a rotation of master keys. */
export const credentialEnvelopes = envelopedTable<{ readonly id: string }>({
  table: 'repos',
  column: 'credential',
  columns: [],
  ownerOf: ({ id }) => credentialOwner(id),
});
