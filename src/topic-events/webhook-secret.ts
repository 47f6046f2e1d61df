/** As Standard Webhooks write it. */
export const printWebhookSecret = (secret: Buffer): string => `whsec_${secret.toString('base64')}`;
