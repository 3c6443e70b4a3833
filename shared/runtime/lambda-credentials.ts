/**
 * What bundles hold in place of the SDK's default chain of credential providers (infra/constructs/bundling.ts). Lambda
 * always gives a function its role's credentials in the environment ("Defined runtime environment variables", AWS Lambda
 * developer guide); the chain's other members, profiles and SSO and instance metadata, are for machines.
 */
export { fromEnv as defaultProvider } from '@aws-sdk/credential-provider-env';
