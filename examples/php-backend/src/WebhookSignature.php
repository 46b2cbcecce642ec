<?php

declare(strict_types=1);

namespace Shop;

use RuntimeException;

/** Signatures as Standard Webhooks (standardwebhooks.com) defines them, symmetric, version 1. */
final class WebhookSignature
{
    private const TOLERANCE_SECONDS = 300;
    private const PREFIX = 'whsec_';

    /** @var list<string> */
    private readonly array $keys;

    /** One secret, or two, separated by a space, while the key is rotated. */
    public function __construct(string $secrets)
    {
        $this->keys = array_map(self::key(...), preg_split('/\s+/', $secrets, -1, PREG_SPLIT_NO_EMPTY) ?: ['']);
    }

    private static function key(string $secret): string
    {
        $key = str_starts_with($secret, self::PREFIX) ? base64_decode(substr($secret, strlen(self::PREFIX)), true) : false;
        if ($key === false || strlen($key) < 24) {
            throw new RuntimeException('WEBHOOK_SECRET must be whsec_ and 24 or more bytes in Base64.');
        }

        return $key;
    }

    /** Throws unless one of the space-separated signatures is ours and the time stamp is about now. */
    public function verify(string $signatures, string $id, string $timestamp, string $body, int $now): void
    {
        if (!ctype_digit($timestamp) || abs($now - (int) $timestamp) > self::TOLERANCE_SECONDS) {
            throw new Refusal(401, 'webhook-timestamp is not about now.');
        }
        foreach ($this->keys as $key) {
            $expected = 'v1,' . base64_encode(hash_hmac('sha256', "$id.$timestamp.$body", $key, true));
            foreach (explode(' ', $signatures) as $signature) {
                if (hash_equals($expected, $signature)) {
                    return;
                }
            }
        }
        throw new Refusal(401, 'webhook-signature does not fit this event.');
    }
}
