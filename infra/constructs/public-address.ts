/**
 * The address that callers and providers see: the HTTP API's own, or a domain of the operator's, which leads to the API or to
 * a CloudFront distribution with a web ACL in front of it (docs/deploy.md).
 */
import { Duration, Fn } from 'aws-cdk-lib';
import { ApiMapping, DomainName } from 'aws-cdk-lib/aws-apigatewayv2';
import { Certificate } from 'aws-cdk-lib/aws-certificatemanager';
import {
  AllowedMethods,
  CachePolicy,
  Distribution,
  OriginProtocolPolicy,
  OriginRequestPolicy,
  OriginSslPolicy,
  SecurityPolicyProtocol,
  ViewerProtocolPolicy,
} from 'aws-cdk-lib/aws-cloudfront';
import { HttpOrigin } from 'aws-cdk-lib/aws-cloudfront-origins';
import { Construct } from 'constructs';
import type { Settings } from '../settings.ts';
import { acknowledge } from './acknowledge.ts';
import type { HttpIngress } from './http-ingress.ts';

type Domain = NonNullable<Settings['domain']>;

export interface PublicAddressProps {
  readonly settings: Pick<Settings, 'domain' | 'webAclArn' | 'publicUrl'>;
  readonly ingress: HttpIngress;
}

export class PublicAddress extends Construct {
  /** Without a slash at its end. */
  readonly url: string;
  /** What the domain's DNS record has to point to; nothing without a domain. */
  readonly dnsTarget: string | undefined;

  constructor(scope: Construct, id: string, { settings, ingress }: PublicAddressProps) {
    super(scope, id);
    const { domain, webAclArn, publicUrl } = settings;
    this.url = domain ? `https://${domain.name}` : (publicUrl ?? ingress.api.apiEndpoint);
    if (domain && webAclArn) this.dnsTarget = this.#distribution(domain, webAclArn, ingress);
    else if (domain) this.dnsTarget = this.#customDomain(domain, ingress);
  }

  /** The API's own address goes on answering: tasks under way were created with it in their callback URLs. */
  #customDomain({ name, certificateArn }: Domain, ingress: HttpIngress): string {
    const certificate = Certificate.fromCertificateArn(this, 'Certificate', certificateArn);
    const domainName = new DomainName(this, 'Domain', { domainName: name, certificate });
    new ApiMapping(this, 'Mapping', { api: ingress.api, domainName, stage: ingress.stage });
    return domainName.regionalDomainName;
  }

  /** It passes everything on and keeps nothing: tasks change, and a link is for who has it. */
  #distribution({ name, certificateArn }: Domain, webAclId: string, { api }: HttpIngress): string {
    const distribution = new Distribution(this, 'Distribution', {
      domainNames: [name],
      certificate: Certificate.fromCertificateArn(this, 'Certificate', certificateArn),
      minimumProtocolVersion: SecurityPolicyProtocol.TLS_V1_2_2021,
      webAclId,
      defaultBehavior: {
        origin: new HttpOrigin(Fn.select(2, Fn.split('/', api.apiEndpoint)), {
          protocolPolicy: OriginProtocolPolicy.HTTPS_ONLY,
          originSslProtocols: [OriginSslPolicy.TLS_V1_2],
          // The API answers within 30 s, one way or the other.
          readTimeout: Duration.seconds(35),
        }),
        allowedMethods: AllowedMethods.ALLOW_ALL,
        viewerProtocolPolicy: ViewerProtocolPolicy.HTTPS_ONLY,
        cachePolicy: CachePolicy.CACHING_DISABLED,
        // The API knows itself by its own host name only.
        originRequestPolicy: OriginRequestPolicy.ALL_VIEWER_EXCEPT_HOST_HEADER,
      },
    });
    acknowledge(
      distribution,
      'CFR1',
      'Where callers and providers come from is for the web ACL, which the operator names.',
    );
    acknowledge(
      distribution,
      'CFR3',
      'Its logs would hold the paths of callbacks and links, which are credentials; the web ACL logs what it refuses.',
    );
    return distribution.distributionDomainName;
  }
}
