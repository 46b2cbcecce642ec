<?php

declare(strict_types=1);

namespace Shop;

use RuntimeException;

/** What the environment variables say; the README lists them. */
final class Settings
{
    /** @param list<string> $apiKeys */
    private function __construct(
        public readonly array $apiKeys,
        public readonly string $webhookSecret,
        public readonly string $sellerTokenSecret,
        public readonly string $databaseFile,
        public readonly string $basePath,
    ) {
    }

    public static function fromEnvironment(): self
    {
        $apiKeys = preg_split('/\s+/', self::text('PHP_API_KEY'), -1, PREG_SPLIT_NO_EMPTY);
        if ($apiKeys === [] || min(array_map('strlen', $apiKeys)) < 16) {
            throw new RuntimeException('PHP_API_KEY must be set, to 16 characters or more.');
        }
        return new self(
            $apiKeys,
            self::text('WEBHOOK_SECRET'),
            self::text('SELLER_TOKEN_SECRET'),
            self::text('DATABASE_FILE') ?: dirname(__DIR__) . '/var/chat.sqlite',
            rtrim(self::text('BASE_PATH'), '/'),
        );
    }

    private static function text(string $name): string
    {
        return trim((string) getenv($name));
    }
}
