import type { Operation } from '../protocol/operations.js';
import type { Page, PageVariables } from './operations.js';

// The operations of `slipway secret …`; see operations.ts.

/** A secret as commands show it; its value is told to nobody. */
export interface Secret {
  readonly key: string;
  readonly name: string;
  readonly scope: 'REPO' | 'ORG' | 'SHARED';
  readonly version: number;
  readonly allowEvents: readonly string[];
  readonly allowImages: readonly string[];
  readonly allowCommands: boolean;
  readonly allowRepos: readonly string[];
  readonly allowRefs: readonly string[];
  readonly createdBy: string;
  readonly updatedBy: string;
  readonly createdAt: string;
  readonly updatedAt: string;
}

const SECRET = `key name scope version allowEvents allowImages allowCommands allowRepos allowRefs createdBy updatedBy
  createdAt updatedAt`;

/** Whose secrets are meant: one of the three. */
export interface SecretOwner {
  readonly repo?: string;
  readonly org?: string;
  readonly shared?: true;
}

export interface SetSecretInput extends SecretOwner {
  readonly name: string;
  readonly value?: string;
  readonly allowEvents?: readonly string[];
  readonly allowImages?: readonly string[];
  readonly allowCommands?: boolean;
  readonly allowRepos?: readonly string[];
  readonly allowRefs?: readonly string[];
}

export const setSecret: Operation<{ readonly input: SetSecretInput }, { readonly setSecret: Secret }> = {
  name: 'SetSecret',
  query: `mutation SetSecret($input: SetSecretInput!) { setSecret(input: $input) { ${SECRET} } }`,
};

export const listSecrets: Operation<PageVariables & SecretOwner, { readonly secrets: Page<Secret> }> = {
  name: 'ListSecrets',
  query: `query ListSecrets($repo: String, $org: String, $shared: Boolean, $first: Int!, $after: String) {
    secrets(repo: $repo, org: $org, shared: $shared, first: $first, after: $after) {
      nodes { ${SECRET} } pageInfo { endCursor hasNextPage }
    }
  }`,
};

export const removeSecret: Operation<
  { readonly input: SecretOwner & { readonly name: string } },
  { readonly removeSecret: boolean }
> = {
  name: 'RemoveSecret',
  query: 'mutation RemoveSecret($input: RemoveSecretInput!) { removeSecret(input: $input) }',
};

/** Which master keys are in use for what. */
export interface MasterKeyState {
  readonly currentKeyId: string;
  readonly knownKeyIds: readonly string[];
  readonly uses: readonly { readonly table: string; readonly keyId: string; readonly envelopes: number }[];
  readonly serversWithout: number;
}

const KEYS = 'currentKeyId knownKeyIds uses { table keyId envelopes } serversWithout';

export const readMasterKeys: Operation<Record<string, never>, { readonly masterKeys: MasterKeyState }> = {
  name: 'ReadMasterKeys',
  query: `query ReadMasterKeys { masterKeys { ${KEYS} } }`,
};

export interface MasterKeyRotation extends MasterKeyState {
  readonly rewrapped: number;
  readonly remaining: number;
  readonly unreadable: readonly string[];
}

export const rotateMasterKey: Operation<
  { readonly limit: number },
  { readonly rotateMasterKey: MasterKeyRotation }
> = {
  name: 'RotateMasterKey',
  query: `mutation RotateMasterKey($limit: Int!) {
    rotateMasterKey(limit: $limit) { ${KEYS} rewrapped remaining unreadable }
  }`,
};
