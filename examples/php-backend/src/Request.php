<?php

declare(strict_types=1);

namespace Shop;

use JsonException;
use stdClass;

/** One HTTP request, as far as this API reads it. */
final class Request
{
    private const MAX_BYTES = 131072;

    private function __construct(
        public readonly string $method,
        public readonly string $path,
        public readonly string $body,
    ) {
    }

    public static function received(): self
    {
        $body = (string) file_get_contents('php://input', false, null, 0, self::MAX_BYTES + 1);
        if (strlen($body) > self::MAX_BYTES) {
            throw new Refusal(413, 'The body is larger than ' . self::MAX_BYTES . ' bytes.');
        }
        $path = (string) parse_url($_SERVER['REQUEST_URI'], PHP_URL_PATH);
        return new self($_SERVER['REQUEST_METHOD'], $path, $body);
    }

    public function header(string $name): string
    {
        return $_SERVER['HTTP_' . strtoupper(strtr($name, '-', '_'))] ?? '';
    }

    public function bearer(): string
    {
        return preg_match('/^Bearer +(\S+)$/Di', $this->header('Authorization'), $found) === 1 ? $found[1] : '';
    }

    /** Decoded to objects, not arrays: an array would turn the empty object {} into []. */
    public function json(): Fields
    {
        try {
            $value = json_decode($this->body, false, 64, JSON_THROW_ON_ERROR);
            // PHP reads 1e999 as infinite, and could not write it again.
            json_encode($value, JSON_THROW_ON_ERROR);
        } catch (JsonException) {
            throw new Refusal(400, 'The body must be JSON.');
        }
        return $value instanceof stdClass ? new Fields($value) : throw new Refusal(400, 'The body must be an object.');
    }
}
