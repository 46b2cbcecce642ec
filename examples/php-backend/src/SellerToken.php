<?php

declare(strict_types=1);

namespace Shop;

use RuntimeException;

/** A JSON Web Token (RFC 7519, HS256) with which a seller opens his connection to the chat. */
final class SellerToken
{
    public const LIFETIME_SECONDS = 3600;

    public function __construct(private readonly string $secret)
    {
        // RFC 7518, section 3.2: the key of HS256 has 256 bits or more.
        if (strlen($secret) < 32) {
            throw new RuntimeException('SELLER_TOKEN_SECRET must be set, to 32 characters or more.');
        }
    }

    public function issue(string $sellerId, int $now): string
    {
        $claims = [
            'sub' => $sellerId,
            'role' => 'seller',
            'iss' => 'seller-chat',
            'aud' => 'seller-chat',
            'iat' => $now,
            'exp' => $now + self::LIFETIME_SECONDS,
        ];
        $content = self::part(['alg' => 'HS256', 'typ' => 'JWT']) . '.' . self::part($claims);
        return $content . '.' . self::base64url(hash_hmac('sha256', $content, $this->secret, true));
    }

    /** @param array<string, mixed> $value */
    private static function part(array $value): string
    {
        return self::base64url(json_encode($value, JSON_THROW_ON_ERROR));
    }

    private static function base64url(string $bytes): string
    {
        return rtrim(strtr(base64_encode($bytes), '+/', '-_'), '=');
    }
}
