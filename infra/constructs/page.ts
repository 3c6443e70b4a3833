/** The page: a function that serves files built at synthesis. It may write its log and nothing else. */
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { Duration } from 'aws-cdk-lib';
import { HttpMethod } from 'aws-cdk-lib/aws-apigatewayv2';
import type { Bucket } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import type { Settings } from '../settings.ts';
import type { HttpIngress } from './http-ingress.ts';
import { NodeFunction } from './node-function.ts';

const BUILD = fileURLToPath(new URL('../page/build-page.ts', import.meta.url));

/** It needs no key, so anybody may ask; a visit is four reads, later ones a single read without a body. */
const READS_PER_SECOND = 50;

export interface PageProps {
  readonly ingress: HttpIngress;
  /** Where image links lead: the one foreign origin that the page may show something from. */
  readonly images: Bucket;
  readonly settings: Settings;
}

export class Page extends Construct {
  constructor(scope: Construct, id: string, { ingress, images, settings }: PageProps) {
    super(scope, id);
    const fn = new NodeFunction(this, 'Page', {
      folder: 'page',
      timeout: Duration.seconds(10),
      memorySize: 256,
      settings,
      environment: { IMAGES_HOST: images.bucketRegionalDomainName },
      afterBundling: (directory) => execFileSync(process.execPath, [BUILD, directory], { stdio: 'inherit' }),
    });
    ingress.toFunction(fn, HttpMethod.GET, ['/', '/assets/{name}'], READS_PER_SECOND);
  }
}
