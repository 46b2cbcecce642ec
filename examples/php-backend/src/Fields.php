<?php

declare(strict_types=1);

namespace Shop;

use stdClass;

/** The fields of a JSON object; a missing or wrong one is refused by name. */
final class Fields
{
    public const CONTACT_ID = '/^[A-Za-z0-9._:-]{1,64}$/D';
    public const SELLER_ID = '/^[A-Za-z0-9._:@-]{1,128}$/D';
    public const VISIBLE = '/^[!-~]{1,255}$/D';

    public function __construct(public readonly stdClass $all)
    {
    }

    public function text(string $name, string $pattern): string
    {
        $value = $this->all->$name ?? null;
        return is_string($value) && preg_match($pattern, $value) === 1 ? $value : throw self::wrong($name);
    }

    public function number(string $name, int $least): int
    {
        $value = $this->all->$name ?? null;
        return is_int($value) && $value >= $least ? $value : throw self::wrong($name);
    }

    public function object(string $name): self
    {
        $value = $this->all->$name ?? null;
        return $value instanceof stdClass ? new self($value) : throw self::wrong($name);
    }

    /** @return list<string> */
    public function texts(string $name, string $pattern): array
    {
        $value = $this->all->$name ?? null;
        if (!is_array($value)) {
            throw self::wrong($name);
        }
        foreach ($value as $text) {
            if (!is_string($text) || preg_match($pattern, $text) !== 1) {
                throw self::wrong($name);
            }
        }
        return $value;
    }

    /** @return list<self> */
    public function objects(string $name): array
    {
        $value = $this->all->$name ?? null;
        if (!is_array($value)) {
            throw self::wrong($name);
        }
        return array_map(
            static fn ($item) => $item instanceof stdClass ? new self($item) : throw self::wrong($name),
            $value,
        );
    }

    private static function wrong(string $name): Refusal
    {
        return new Refusal(400, "'$name' is missing or not as the contract says.");
    }
}
