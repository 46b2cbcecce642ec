<?php

// Prints a token for one seller: SELLER_TOKEN_SECRET=... php bin/seller-token.php 123456

declare(strict_types=1);

require __DIR__ . '/../src/SellerToken.php';

if (PHP_SAPI !== 'cli' || ($argv[1] ?? '') === '') {
    fwrite(STDERR, "Name the seller: php bin/seller-token.php 123456\n");
    exit(2);
}
echo (new Shop\SellerToken(trim((string) getenv('SELLER_TOKEN_SECRET'))))->issue($argv[1], time()), "\n";
