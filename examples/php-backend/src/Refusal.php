<?php

declare(strict_types=1);

namespace Shop;

use RuntimeException;

/** A request that is answered with an HTTP error; the message tells the caller what to do. */
final class Refusal extends RuntimeException
{
    public function __construct(public readonly int $status, string $message)
    {
        parent::__construct($message);
    }
}
