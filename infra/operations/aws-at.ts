/** Where an operator's command finds AWS: as the environment says, or an emulator at an endpoint. */

export interface AwsClientOptions {
  readonly endpoint?: string;
  readonly region?: string;
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string };
}

/**
 * @param endpoint of an emulator of all services; region and credentials are made up where the environment has none
 * @throws Error when it is no http or https URL
 */
export function awsAt(
  endpoint: string | undefined,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): AwsClientOptions {
  if (endpoint === undefined) return {};
  if (!URL.canParse(endpoint) || !/^https?:$/.test(new URL(endpoint).protocol)) {
    throw new Error(`--endpoint must be an http or https URL, not ${endpoint}`);
  }
  return {
    endpoint,
    ...(!environment.AWS_REGION && !environment.AWS_DEFAULT_REGION && { region: 'us-east-1' }),
    ...(!environment.AWS_ACCESS_KEY_ID && {
      credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    }),
  };
}
