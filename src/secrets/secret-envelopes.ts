import { envelopedTable } from '../tokens/index.js';
import { envelopeOwnerOf, type SecretIdentity } from './secret-scope.js';

/** The envelopes of secrets, for a rotation of master keys. */
export const secretEnvelopes = envelopedTable<SecretIdentity>({
  table: 'secrets',
  column: 'envelope',
  columns: ['scope', 'owner_id', 'name'],
  ownerOf: envelopeOwnerOf,
});
