import { Field, InputType } from 'type-graphql';

/** A token for https. */
@InputType({ description: 'A token that is shown to an https server.' })
export class HttpsTokenInput {
  @Field(() => String, { description: 'User name; many hosts take any.' })
  readonly username: string;

  @Field(() => String, { description: 'Token or password. It is never shown again.' })
  readonly token: string;
}

/** A key for ssh. */
@InputType({ description: 'A key that is shown to an ssh server, and by which key that server is known.' })
export class SshKeyInput {
  @Field(() => String, {
    description: 'Private key in OpenSSH form, without a passphrase. It is never shown again.',
  })
  readonly privateKey: string;

  @Field(() => String, { description: 'Lines of a known_hosts file that name the key of the server.' })
  readonly knownHosts: string;
}

/** What the clone of a repo shows. */
@InputType({
  description: 'What the clone of a repo, and nothing else, shows to its git server: one of the two.',
})
export class RepoCredentialInput {
  @Field(() => HttpsTokenInput, { nullable: true, description: 'For an https URL.' })
  readonly httpsToken?: HttpsTokenInput | null;

  @Field(() => SshKeyInput, { nullable: true, description: 'For an ssh URL.' })
  readonly sshKey?: SshKeyInput | null;
}
