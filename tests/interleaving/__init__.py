"""The real functions side by side over moto's DynamoDB, interrupted at chosen requests to AWS."""
